/*
 * Everything a command or a server stands on: store, keys, authentication, server, opened in that order and closed in the other.
 */
#ifndef FER_CLI_HOUSE_H
#define FER_CLI_HOUSE_H

#include "api/server.h"
#include "auth/auth.h"
#include "cli/cli.h"

struct fer_house {
	struct fer_store *store;
	struct fer_keys *keys;
	struct fer_auth *auth;
	struct fer_media *media;       /* NULL: none, or fer_house_server was not called */
	struct fer_server *server;     /* NULL unless fer_house_server was called */
	bool sandbox;                  /* a throw-away house: its clock may be moved */
};

#define FER_DEFAULT_DATABASE "sqlite:ferrite.db"

/**
 * fer_house_store - open the database of the settings and bring its schema up to date.
 * Errors: as fer_store_open; @why holds a sentence. Close with fer_house_close whatever this returned.
 */
int fer_house_store(struct fer_house *house, const struct fer_settings *settings, bool create, char why[256]);
/** fer_house_auth - keys and authentication. Errors: -ENOENT: no crypt key, the store was never initialised. */
int fer_house_auth(struct fer_house *house, const struct fer_settings *settings, char why[256]);
int fer_house_server(struct fer_house *house, const struct fer_settings *settings, char why[256]);
/** fer_house_open - store and authentication of an initialised store, for commands. Returns 0, or the exit status after saying why. */
int fer_house_open(struct fer_house *house, struct fer_cli *cli);
/** fer_house_with - open, run @work, close: the frame of every small command. Returns the exit status. */
int fer_house_with(struct fer_cli *cli, int (*work)(struct fer_cli *cli, struct fer_house *house));
void fer_house_close(struct fer_house *house);

/** fer_house_serve - answer on settings.listen until told to stop; says "listening on URL" on standard output. Returns the exit status. */
int fer_house_serve(struct fer_house *house, struct fer_cli *cli);

#endif
