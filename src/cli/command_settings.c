/*
 * ferrite settings: the manual of the settings, printed from their rows.
 */
#include "cli/commands.h"
#include "store/config.h"

static void print_form(const struct fer_setting *row)
{
	switch (row->type) {
	case FER_SETTING_INT:
		printf("number of %s, %lld to %lld, default %s\n", row->unit, (long long)row->least, (long long)row->most, row->otherwise);
		break;
	case FER_SETTING_BOOL:
		printf("true or false, default %s\n", row->otherwise);
		break;
	case FER_SETTING_TEXT:
		printf("text, default \"%s\"\n", row->otherwise);
		break;
	case FER_SETTING_SECRET:
		printf("secret: from the environment, %s_file, or a systemd credential of that name\n", row->name);
		break;
	}
}

static int run(struct fer_cli *cli)
{
	(void)cli;
	printf("Settings are read from a file of NAME = VALUE lines (--config FILE, else /etc/ferrite/ferrite.ini), then from the\n"
	       "environment (FERRITE_ and the name in capitals), then from options (--listen, with - for _). The later wins.\n\n");
	for (size_t i = 0; i < fer_n_settings; i++) {
		printf("%s\n    %s\n    ", fer_setting_rows[i].name, fer_setting_rows[i].text);
		print_form(&fer_setting_rows[i]);
	}
	printf("\nSettings of the shop stand in the database beside Magento's own: ferrite config set PATH VALUE.\n\n");
	for (size_t i = 0; i < fer_n_config_own; i++)
		printf("%s\n    %s\n    default \"%s\"\n", fer_config_own[i].path, fer_config_own[i].text, fer_config_own[i].value);
	return 0;
}

const struct fer_command fer_command_settings = {
	.name = "settings",
	.summary = "List every setting of the process, and ferrite's of the shop, with its meaning, limits and default",
	.run = run,
};
