/* SPDX-License-Identifier: ISC */
/* What libcurl's errors mean here. */
#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "err.h"
#include "http_priv.h"

/* What libcurl tells apart by words alone. */
static enum err_kind
kind_of_words(const char *why)
{
	if (strstr(why, "chunked"))
		return ERR_PROTOCOL;
	return strstr(why, "CONNECT tunnel failed") ? ERR_HOST : ERR_TEMPORARY;
}

void
http_error(int code, const char *why, struct err *e)
{
	switch (code) {
	case CURLE_COULDNT_CONNECT:
		err_set(e, ERR_UNREACHABLE, "%s", why);
		break;
	case CURLE_OPERATION_TIMEDOUT: /* of connecting: the rest is timed here */
		err_set(e, ERR_UNREACHABLE, "%s", why);
		e->sys = ETIMEDOUT;
		break;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_URL_MALFORMAT:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_PROXY:
		err_set(e, ERR_HOST, "%s", why);
		break;
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL: /* no status line at all: "HTTP/0.9" */
	case CURLE_OUT_OF_MEMORY:        /* what 7.88 says of a header line over its own cap */
	case CURLE_HTTP2:
	case CURLE_BAD_CONTENT_ENCODING:
		err_set(e, ERR_PROTOCOL, "%s", why);
		break;
	default: /* cut, reset, short; bad chunks have no code of their own */
		err_set(e, kind_of_words(why), "%s", why);
	}
}
