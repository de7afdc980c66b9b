/* SPDX-License-Identifier: ISC */
#include "loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "str.h"

int
loopback_url(const char *url)
{
	const char *host = strstr(url, "://");
	struct in6_addr six;
	struct in_addr four;
	char name[64];

	if (!host)
		return 0;
	host += strlen("://");
	int bracket = *host == '[';
	size_t n = strcspn(host += bracket, bracket ? "]" : ":/");
	if (n >= sizeof(name))
		return 0;
	memcpy(name, host, n);
	name[n] = '\0';
	if (bracket)
		return inet_pton(AF_INET6, name, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
	return inet_pton(AF_INET, name, &four) == 1 ? ntohl(four.s_addr) >> 24 == 127 : str_ieq(name, "localhost");
}
