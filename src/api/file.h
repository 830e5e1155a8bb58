/*
 * Files of the media folder and the transaction they belong to: what a call writes is taken back unless its transaction stands, and what
 * it removes goes only then.
 */
#ifndef FER_API_FILE_H
#define FER_API_FILE_H

#include "api/call.h"

/**
 * fer_file_put - a new file, as fer_media_put; before the call's transaction or inside it.
 * Shape:  @key tells the files of a call apart: the same key, as when a transaction runs twice, is the same file.
 * Errors: -ENOTDIR this server has no media folder, those of fer_media_put.
 */
int fer_file_put(struct fer_call *call, const void *key, const char *base, struct fer_str wished, struct fer_str bytes, struct fer_str *path);
/** fer_file_drop - inside a transaction: no row names the file any more. @base and @path live as long as the call. */
void fer_file_drop(struct fer_call *call, const char *base, struct fer_str path);
/** fer_file_replace - inside a transaction: @from, which was put, takes the place of @to. */
void fer_file_replace(struct fer_call *call, const char *base, struct fer_str from, struct fer_str to);

/** fer_files_again - a transaction begins (again): what an earlier run wanted of files is forgotten. */
void fer_files_again(struct fer_call *call);
/** fer_files_settle - the transaction is over; @result 0: it stands, > 0: it does not, or there was none, < 0: nobody knows. */
void fer_files_settle(struct fer_call *call, int result);

#endif
