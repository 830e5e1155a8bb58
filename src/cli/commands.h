/*
 * The commands, one file each; cli/commands.c puts them in order.
 */
#ifndef FER_CLI_COMMANDS_H
#define FER_CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct fer_command fer_command_mail_list, fer_command_mail_retry, fer_command_postman;
extern const struct fer_command fer_command_version, fer_command_settings, fer_command_routes;
extern const struct fer_command fer_command_init, fer_command_serve, fer_command_sandbox;
extern const struct fer_command fer_command_user_create, fer_command_user_list, fer_command_user_disable, fer_command_user_enable,
	fer_command_user_password, fer_command_user_unlock, fer_command_user_tfa;
extern const struct fer_command fer_command_role_create, fer_command_role_list, fer_command_role_show, fer_command_role_delete,
	fer_command_role_change, fer_command_role_resources;
extern const struct fer_command fer_command_user_show, fer_command_user_rights, fer_command_user_change, fer_command_user_delete;
extern const struct fer_command fer_command_service_create, fer_command_service_list, fer_command_service_rotate, fer_command_service_revoke;
extern const struct fer_command fer_command_integration_create, fer_command_integration_list, fer_command_integration_show,
	fer_command_integration_activate, fer_command_integration_reauthorize, fer_command_integration_delete;
extern const struct fer_command fer_command_key_list, fer_command_key_next, fer_command_key_rotate, fer_command_key_kill,
	fer_command_key_reencrypt;
extern const struct fer_command fer_command_config_get, fer_command_config_set, fer_command_config_list, fer_command_config_delete,
	fer_command_config_export, fer_command_config_import, fer_command_config_diff;
extern const struct fer_command fer_command_audit_list, fer_command_audit_tail, fer_command_audit_verify, fer_command_audit_checkpoint,
	fer_command_audit_export, fer_command_audit_key;

extern const struct fer_command fer_command_token_list, fer_command_token_show, fer_command_token_revoke, fer_command_token_explain,
	fer_command_token_lifetimes, fer_command_token_lifetime;

#endif
