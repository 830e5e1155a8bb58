/*
 * A text as the picture that a phone reads.
 */
#ifndef FER_TFA_QR_H
#define FER_TFA_QR_H

#include "core/str.h"

/**
 * fer_qr_png - a PNG of 400 by 400 dots, grey, error correction H as Magento's.
 * Shape:  @text is NUL-ended, up to about 1,200 bytes; the PNG is binary, in @arena.
 * Errors: -EMSGSIZE too long, -ENOMEM.
 */
int fer_qr_png(struct fer_arena *arena, struct fer_str text, struct fer_str *out);

#endif
