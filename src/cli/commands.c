/*
 * The command table, in the order of the help page.
 */
#include "cli/commands.h"

const struct fer_command *const fer_commands[] = {
	&fer_command_init,
	&fer_command_serve,
	&fer_command_sandbox,
	&fer_command_user_create,
	&fer_command_user_list,
	&fer_command_user_disable,
	&fer_command_user_enable,
	&fer_command_user_password,
	&fer_command_user_unlock,
	&fer_command_user_tfa,
	&fer_command_role_create,
	&fer_command_role_list,
	&fer_command_role_show,
	&fer_command_role_delete,
	&fer_command_integration_create,
	&fer_command_integration_list,
	&fer_command_integration_show,
	&fer_command_integration_activate,
	&fer_command_integration_reauthorize,
	&fer_command_integration_delete,
	&fer_command_key_list,
	&fer_command_key_next,
	&fer_command_key_rotate,
	&fer_command_key_kill,
	&fer_command_key_reencrypt,
	&fer_command_config_get,
	&fer_command_config_set,
	&fer_command_config_list,
	&fer_command_config_delete,
	&fer_command_routes,
	&fer_command_settings,
	&fer_command_version,
	NULL
};
