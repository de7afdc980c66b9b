/* SPDX-License-Identifier: ISC */
/* Where a key goes in a call. Apart from what looks keys up, so that who only signs needn't have that. */
#include <string.h>

#include "buf.h"
#include "providers.h"
#include "str.h"

void
provider_auth(const struct provider *p, struct buf *header, struct buf *url)
{
	static const char *const forms[] = {
	    [AUTH_BEARER] = "Authorization: Bearer ",
	    [AUTH_X_API_KEY] = "x-api-key: ",
	    [AUTH_API_KEY] = "api-key: ",
	    [AUTH_X_GOOG_API_KEY] = "x-goog-api-key: ",
	};

	if (!p->secret || !*p->secret || p->auth == AUTH_NONE)
		return;
	if (p->auth == AUTH_QUERY) { /* growing would leave copies of the key behind */
		buf_reserve(url, strlen("?key=") + 3 * strlen(p->secret));
		buf_adds(url, strchr(buf_str(url), '?') ? "&key=" : "?key=");
		str_percent(url, p->secret, "");
		return;
	}
	buf_reserve(header, strlen(forms[p->auth]) + strlen(p->secret) + 1);
	buf_adds(header, forms[p->auth]);
	buf_adds(header, p->secret);
	buf_addc(header, '\n');
}
