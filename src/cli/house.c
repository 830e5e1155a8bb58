/*
 * Opening and closing the house, and keeping it open: what serve, sandbox, init and the small commands share.
 */
#include "cli/house.h"

#include <errno.h>
#include <malloc.h>

#include "auth/key_store.h"
#include "auth/tfa.h"
#include "catalog/gallery.h"
#include "cli/tables.h"
#include "core/log.h"
#include "http/listener.h"
#include "mail/mailman.h"
#include "store/media.h"

int fer_house_store(struct fer_house *house, const struct fer_settings *settings, bool create, char why[256])
{
	const struct fer_store_options options = {
		.url = settings->database[0] ? settings->database : FER_DEFAULT_DATABASE,
		.password = settings->database_password,
		.connections = (int)settings->database_connections,
		.busy_ms = (int)settings->busy,
		.timeout_s = (int)settings->database_timeout,
		.create = create,
	};
	int r = fer_store_open(&options, &house->store, why);

	return r ? r : fer_store_migrate(house->store, why);
}

static int open_audit(struct fer_house *house, const struct fer_settings *settings, char why[256])
{
	struct fer_audit_options options = { .node = fer_str(settings->node), .checkpoint_rows = settings->audit_checkpoint_rows,
	                                     .checkpoint_minutes = settings->audit_checkpoint_minutes };

	if (fer_audit_mode(fer_str(settings->audit), &options.mode))
		return fer_audit_open(fer_auth_audit(house->auth), &options, why);
	snprintf(why, 256, "setting audit must be on, open or off");
	return -EINVAL;
}

int fer_house_auth(struct fer_house *house, const struct fer_settings *settings, char why[256])
{
	int r = fer_keys_load(house->store, fer_str(settings->crypt_key), &house->keys, why);

	if (r == -ENOENT)
		snprintf(why, 256, "there is no crypt key: run ferrite init on this database first, or give Magento's own (setting crypt_key)");
	if (!r)
		r = fer_auth_new(house->store, house->keys, &house->auth, why);
	if (!r)
		fer_auth_breached_set(house->auth, settings->breached_passwords);
	return r ? r : open_audit(house, settings, why);
}

/* Replies are kept until something changes, where all changes are seen; else for a stated time, or not at all. */
static int bound_cache(struct fer_store *store, const struct fer_settings *settings, struct fer_server_options *options, char why[256])
{
	struct fer_str setting = fer_str(settings->shared);
	bool shared = fer_str_is(setting, "on");
	int r = 0;

	if (fer_str_is(setting, "auto"))
		r = fer_store_is_sqlite(store) ? 0 : fer_store_has_magento(store, &shared);
	else if (!shared && !fer_str_is(setting, "off"))
		r = -EINVAL;
	if (r == -EINVAL)
		snprintf(why, 256, "setting shared must be auto, on or off");
	if (shared && settings->cache_age)
		options->cache_age_ms = (int)settings->cache_age;
	else if (shared)
		options->cache_memory = 0;
	return r;
}

/* A sandbox keeps its mail, whatever else is set: the addresses of a test may be somebody's. */
static struct fer_mail_rules mail_rules(const struct fer_house *house, const struct fer_settings *settings)
{
	bool sends = settings->mail_command[0] || settings->smtp_server[0];

	return (struct fer_mail_rules){
		.mode = house->sandbox || settings->sandbox ? FER_MAIL_KEEP : sends ? FER_MAIL_SEND : FER_MAIL_DROP,
		.attempts = settings->mail_attempts, .retry_s = settings->mail_retry,
	};
}

/* Files lie beside the rows that name them, or where the setting says. Beside a foreign database they could be anywhere: nowhere. */
static int open_media(struct fer_house *house, const struct fer_settings *settings, char why[256])
{
	const char *url = settings->database[0] ? settings->database : FER_DEFAULT_DATABASE;
	char folder[1024];

	if (settings->media[0])
		return fer_media_open(settings->media, &house->media, why);
	if (!fer_store_is_sqlite(house->store))
		return 0;
	if (strcmp(url, "sqlite::memory:") == 0)
		return fer_media_open(NULL, &house->media, why);
	snprintf(folder, sizeof(folder), "%s.media", url + strlen("sqlite:"));
	return fer_media_open(folder, &house->media, why);
}

int fer_house_server(struct fer_house *house, const struct fer_settings *settings, char why[256])
{
	struct fer_server_options options = {
		.store = house->store,
		.auth = house->auth,
		.tables = fer_route_tables,
		.call_memory = (size_t)settings->call_memory << 20,
		.cache_memory = (size_t)settings->cache_memory << 20,
		.explain = settings->explain_refusals,
		.gate_open = settings->gate_unknown_routes,
		.sandbox = house->sandbox || settings->sandbox,
		.token_retention = (int)settings->token_retention,
		.mail = mail_rules(house, settings),
	};
	int r = fer_store_check(house->store, why);

	if (!r)
		r = open_media(house, settings, why);
	options.media = house->media;
	options.downloadable_domains = settings->downloadable_domains;
	if (!r)
		r = bound_cache(house->store, settings, &options, why);
	return r ? r : fer_server_new(&options, &house->server, why);
}

int fer_house_open(struct fer_house *house, struct fer_cli *cli)
{
	char why[256] = "";
	int r = fer_house_store(house, &cli->settings, false, why);

	if (r == -ENOENT)
		return fer_cli_fail(cli, "%s Make one with ferrite init.", why);
	if (!r)
		r = fer_house_auth(house, &cli->settings, why);
	return r ? fer_cli_fail(cli, "%s", why[0] ? why : strerror(-r)) : 0;
}

void fer_house_close(struct fer_house *house)
{
	fer_server_free(house->server);
	fer_media_close(house->media);
	fer_auth_free(house->auth);
	fer_keys_free(house->keys);
	fer_store_close(house->store);
	*house = (struct fer_house){ 0 };
}

int fer_house_with(struct fer_cli *cli, int (*work)(struct fer_cli *cli, struct fer_house *house))
{
	struct fer_house house = { 0 };
	int r = fer_house_open(&house, cli);

	if (!r)
		r = work(cli, &house);
	fer_house_close(&house);
	return r;
}

/* -- serving ----------------------------------------------------------------------------------------------------- */

static int reload(struct fer_http *http, void *data, char why[256])
{
	struct fer_cli *cli = data;
	struct fer_settings settings;
	int r = fer_cli_load(cli, &settings, why);

	if (!r)
		r = fer_http_reload(http, &settings, why);
	fer_settings_release(&settings);
	return r;
}

static void say_listening(const struct fer_http *http)
{
	char url[128];

	fer_http_url(http, url, sizeof(url));
	printf("listening on %s\n", url);
	fflush(stdout);
	fer_log(FER_LOG_INFO, "listening", "url", url, "version", FER_VERSION, NULL);
}

/* The process that sends mail is started while we may still start one; the thread after the process was confined. */
static int open_post(struct fer_house *house, struct fer_cli *cli, struct fer_postman **postman, char why[256])
{
	*postman = NULL;
	return house->server->mail.mode == FER_MAIL_SEND ? fer_postman_open(&cli->settings, postman, why) : 0;
}

static int open_all(struct fer_house *house, struct fer_cli *cli, struct fer_http **http, struct fer_postman **postman, char why[256])
{
	int r = house->server ? 0 : fer_house_server(house, &cli->settings, why);

	if (!r && house->media && fer_media_clean(house->store, house->media))
		fer_log(FER_LOG_WARN, "the media folder could not be searched for files that nobody names", NULL);
	if (!r)
		r = open_post(house, cli, postman, why);
	return r ? r : fer_http_open(house->server, &cli->settings, http, why);
}

static void run_all(struct fer_house *house, struct fer_cli *cli, struct fer_http *http, struct fer_postman *postman)
{
	struct fer_server *server = house->server;
	struct fer_mailman *mailman = NULL;

	if (postman && fer_mailman_start(server->store, house->keys, &server->clock, &server->mail, postman, &mailman))
		fer_log(FER_LOG_ERROR, "cannot start the thread that sends mail", NULL);
	say_listening(http);
	fer_http_run(http, (int)cli->settings.poll, reload, cli);
	fer_http_close(http);
	fer_mailman_stop(mailman, (int)cli->settings.stop_timeout);
}

int fer_house_serve(struct fer_house *house, struct fer_cli *cli)
{
	struct fer_postman *postman = NULL;
	struct fer_http *http = NULL;
	char why[256] = "";
	int r;

	/* Few malloc arenas: idle threads otherwise hold memory they freed long ago. */
	mallopt(M_ARENA_MAX, 4);
	fer_http_block_signals();
	if (!(r = open_all(house, cli, &http, &postman, why))) {
		fer_tfa_warn(house->store);
		run_all(house, cli, http, postman);
		fer_http_last_words(house->server);
	}
	fer_postman_close(postman);
	return r ? fer_cli_fail(cli, "%s", why[0] ? why : strerror(-r)) : 0;
}
