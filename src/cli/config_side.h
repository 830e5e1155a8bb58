/*
 * An environment whose configuration is read, compared or written: the local settings, another database, a live server, or a file that was
 * exported from one.
 */
#ifndef FER_CLI_CONFIG_SIDE_H
#define FER_CLI_CONFIG_SIDE_H

#include "auth/config_plan.h"
#include "cli/client.h"
#include "cli/house.h"

enum fer_side_kind { FER_SIDE_FILE, FER_SIDE_HOUSE, FER_SIDE_LIVE };

struct fer_side {
	enum fer_side_kind kind;
	const char *name;              /* as it was named */
	struct fer_house house;
	struct fer_client client;
	struct fer_config_document document;
};

#define FER_SIDES "local (the database of the settings), sqlite:… or mysql://…, a folder with ferrite.db, the address of a live server," \
	" or a file (- is standard input)"

/**
 * fer_side_open - @token_file (may be NULL) is for a live server: a file, or "-".
 * Returns: 0, else after saying why. Close with fer_side_close whatever this returned.
 */
int fer_side_open(struct fer_cli *cli, const char *name, const char *token_file, struct fer_side *out);
void fer_side_close(struct fer_side *side);

/** fer_side_read - its document; @for_key as for fer_config_document_read, of a house alone. */
int fer_side_read(struct fer_cli *cli, struct fer_side *side, const struct fer_config_cover *cover, struct fer_str for_key);

/** fer_side_meet - where both can be asked, make the digests of secrets comparable although their keys differ. */
int fer_side_meet(struct fer_cli *cli, struct fer_side *a, struct fer_side *b);

/** fer_side_import - as fer_config_import; @changes is fer_config_plan_show's. A file is refused. */
int fer_side_import(struct fer_cli *cli, struct fer_side *side, const struct fer_config_import *import, struct fer_value *changes);

#endif
