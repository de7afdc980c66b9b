# SPDX-License-Identifier: ISC
# The lists are the map: HACKING.md says which floor a module stands on, and `make lint` that both agree.
#
#	make             build/bin/or-*                make demo     set up, build, show it at work
#	make check       set up, build, run the tests  make lint     floors, style, pages, completions
#	make asan        the tests under sanitizers    make fuzz     FUZZ_SECONDS in all
#	make bench       measured runs                 make proof    the long proofs, whole
#	make install     PREFIX, DESTDIR, MANDIR       make dist     a tarball
#	make deps        only the set-up               make clean
#
# SETUP=no never installs anything; WERROR=1 makes warnings errors; V=1 shows the commands. CC, CPPFLAGS, CFLAGS, LDFLAGS
# are the packager's: ours stand in OR_*, in front of them.

MAKEFLAGS += --no-print-directory

TOOLS = or-chat or-models or-xlate or-embed or-route or-usage or-key or-serve

# Floor 0
MODULES = mem buf str err tm opt out
# Floor 1
MODULES += letter decimal json jsonv jsonnum jsonw jsoncopy jsonedit jsonptr same sse values eventstream sigv4 castore loop loopback http http_setup http_sock http_error play conf retry bench chance spool
# Floor 2
MODULES += budget ere lang lang_words policy policy_apply policy_choose policy_preset policy_rule
MODULES += ledger ledger_alive ledger_db ledger_file ledger_keys ledger_orphan ledger_prune ledger_put ledger_read ledger_reserve ledger_schema ledger_sums
MODULES += estimate endpoint route route_read route_provider route_filter route_rank
MODULES += more event tape price price_write models models_select native modeltab table listing fetch catalog catalog_fetch catalog_prune alias providers provider_table provider_key provider_auth provider_aws provider_set \
	schema schema_check schema_value schema_dsl pattern pattern_run fence attach blobs answer answer_emit request render render_ndjson prompt conv \
	health health_past health_record \
	wire/wire wire/service wire/amazon wire/template wire/decoder wire/members wire/fault wire/canon wire/canon_part wire/modern wire/closed wire/splice wire/front wire/fronts wire/mock
MODULES += wire/openai_back wire/openai_answer wire/openai_calls wire/openai_text wire/openai_finish wire/openai_error \
	wire/openai_usage wire/openai_dialect wire/openai_more wire/openai_front
MODULES += wire/completions_back wire/completions_front wire/completions_logprobs wire/detect
MODULES += wire/responses_back wire/responses_input wire/responses_recall wire/responses_answer wire/responses_items wire/responses_front wire/responses_ask wire/responses_past \
	wire/responses_out wire/responses_stream wire/responses_thoughts wire/responses_note
MODULES += wire/anthropic_answer wire/anthropic_args wire/anthropic_back wire/anthropic_blocks wire/anthropic_content wire/anthropic_error wire/anthropic_foreign wire/anthropic_front wire/anthropic_messages wire/anthropic_model wire/anthropic_parts wire/anthropic_reply wire/anthropic_stream wire/anthropic_thinking wire/anthropic_tools wire/anthropic_turns wire/anthropic_usage
MODULES += wire/gemini_answer wire/gemini_args wire/gemini_ask wire/gemini_back wire/gemini_calls wire/gemini_cites wire/gemini_config wire/gemini_contents wire/gemini_error wire/gemini_foreign wire/gemini_front wire/gemini_json wire/gemini_media wire/gemini_out wire/gemini_parts wire/gemini_results wire/gemini_said wire/gemini_schema wire/gemini_settings wire/gemini_usage
MODULES += wire/ollama_back wire/ollama_messages wire/ollama_answer wire/ollama_word wire/ollama_front wire/ollama_generate wire/ollama_ask \
	wire/ollama_turns wire/thoughts
MODULES += wire/cohere_back wire/cohere_messages wire/cohere_answer wire/cohere_finish wire/cohere_cite wire/cohere_front \
	wire/cohere_out wire/cohere_ask wire/cohere_turns
MODULES += wire/bedrock_back wire/bedrock_messages wire/bedrock_parts wire/bedrock_settings wire/bedrock_model wire/bedrock_words \
	wire/bedrock_answer wire/bedrock_blocks wire/bedrock_error wire/bedrock_front wire/bedrock_render \
	wire/bedrock_request wire/bedrock_turns wire/bedrock_in_parts
MODULES += report report_rank page page_plot
MODULES += base64 vecnum vec vec_text vecout vecin nearest embed_cache embed embed_batch
MODULES += wire/embed wire/embed_limits wire/embed_openai wire/embed_gemini wire/embed_ollama wire/embed_cohere wire/embed_bedrock wire/mock_embed wire/embed_front wire/embed_front_ask wire/embed_front_openai wire/embed_front_gemini wire/embed_front_ollama wire/embed_front_cohere
# Floor 3
MODULES += turns outcome names market cost booking booking_call booking_limits caching routing router router_offer router_call router_write trial client client_books client_walk meta talk
MODULES += keycheck keycheck_told
# Floor 4
# serve: connections
MODULES += serve/http1 serve/http1_check serve/conn serve/conn_head serve/conn_io serve/conn_timer serve/exchange serve/listen
# serve: processes
MODULES += serve/shared serve/rights serve/supervisor serve/supervisor_setup serve/supervisor_set serve/supervisor_command
# serve: the ledger's process
MODULES += serve/line serve/line_rows serve/desk serve/desk_book serve/scribe serve/scribe_book serve/scribe_ask serve/scribe_read serve/scribe_report serve/scribe_errand serve/scribe_adopt
# serve: who may
MODULES += serve/gate serve/gate_key
# serve: calls
MODULES += serve/app serve/unknown serve/guard serve/paths serve/visit serve/visit_wait serve/logline serve/check serve/check_messages serve/check_router
MODULES += serve/store serve/admit serve/metadata serve/outlet serve/passed serve/cached serve/replay serve/asked serve/calls serve/loading
# serve: embeddings
MODULES += serve/embeds
# serve: what isn't a call
MODULES += serve/keys serve/keys_json serve/metrics serve/inquiry serve/admin serve/account serve/generation serve/status serve/status_page serve/shelf serve/shelf_select serve/shelf_asked serve/lists serve/lists_shelf serve/lists_more serve/lists_feed serve/lists_endpoints serve/lists_own serve/lists_other serve/tokens

# What each tool is made of beside its own file and the members of liborutils.a that it needs.
or-chat_OBJS = chat_args chat_input chat_route chat_print
or-chat_LIBS = $(NET_LIBS) $(SQL_LIBS) $(BSD_LIBS)
or-route_OBJS = route_args route_input route_print
or-route_LIBS = $(if $(filter asan fuzz,$(VARIANT)),$(NET_LIBS)) $(SQL_LIBS) $(BSD_LIBS)
or-models_OBJS = models_args
or-models_LIBS = $(NET_LIBS) $(BSD_LIBS)
or-embed_OBJS = embed_args embed_setup embed_input embed_output embed_query
or-embed_LIBS = $(NET_LIBS) $(SQL_LIBS) $(BSD_LIBS)
or-key_OBJS = key_args key_check key_set key_gateway key_gateway_args key_gateway_list
or-key_LIBS = $(NET_LIBS) $(SQL_LIBS) $(BSD_LIBS)
or-xlate_OBJS = xlate_args xlate_input xlate_answer
or-xlate_LIBS = $(if $(filter asan fuzz,$(VARIANT)),$(NET_LIBS)) $(BSD_LIBS)
or-usage_OBJS = usage_args usage_when usage_table usage_json usage_calls usage_page usage_axis usage_plots usage_remote usage_generations
or-usage_LIBS = $(NET_LIBS) $(SQL_LIBS) $(BSD_LIBS)
or-serve_OBJS = serve_args
or-serve_LIBS = $(LLHTTP_LIBS) $(NET_LIBS) $(SQL_LIBS) $(BSD_LIBS)

# llhttp: pkg-config's where there is one, else its C sources, which Debian has in node-llhttp. LLHTTP=DIR: llhttp.c, api.c, http.c in it.
LLHTTP =
LLHTTP_DIR = $(call once,LLHTTP_DIR,$(if $(LLHTTP),$(LLHTTP),$(if $(shell $(PKG_CONFIG) --exists libllhttp && echo yes),,/usr/share/llhttp)))
LLHTTP_CFLAGS = $(call once,LLHTTP_CFLAGS,$(if $(LLHTTP_DIR),$(addprefix -isystem ,$(wildcard $(LLHTTP_DIR) $(LLHTTP_DIR)/../include \
	$(LLHTTP_DIR)/../include/llhttp)),$(shell $(PKG_CONFIG) --cflags libllhttp)))
LLHTTP_OBJS = $(if $(LLHTTP_DIR),$(patsubst %,$(B)/llhttp/%.o,llhttp api http))
LLHTTP_LIBS = $(LLHTTP_OBJS) $(if $(LLHTTP_DIR),,$(shell $(PKG_CONFIG) --libs libllhttp))

PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d

# Where a byte of a gigabyte passes, speed counts; everywhere else size does. A packager's CFLAGS are for all.
ifeq ($(origin CFLAGS),undefined)
CFLAGS = -O2 -g
COLD = -Oz
endif
HOT = letter lang buf json jsonv jsonw sse price estimate endpoint route route_read route_provider route_filter route_rank report wire/decoder wire/template wire/members wire/openai_front wire/anthropic_answer wire/anthropic_blocks base64 vecnum vec vec_text \
	mem str jsoncopy jsonedit jsonnum answer answer_emit event http http_setup http_sock loop health health_record ledger_db ledger_put wire/openai_back wire/openai_answer wire/openai_text wire/openai_usage \
	wire/front client client_books client_walk trial turns outcome cost booking_call serve/http1 serve/http1_check serve/conn serve/conn_head serve/conn_io serve/exchange \
	spool serve/desk serve/desk_book serve/line serve/line_rows serve/scribe_book serve/gate serve/admit serve/calls serve/visit serve/app
PKG_CONFIG ?= pkg-config
INSTALL ?= install
FUZZ_SECONDS ?= 180
JOBS ?= 2
VERSION := $(file <VERSION)

# B is where a build lives, VARIANT what is special about it: any of asan, fault, fuzz.
B = build
VARIANT =

# Asked when they are first used, and once: `make deps` runs where there is neither compiler nor pkg-config.
once = $(eval $(1) := $(2))$($(1))
BSD_CFLAGS = $(call once,BSD_CFLAGS,$(shell $(PKG_CONFIG) --cflags libbsd-overlay))
NET_CFLAGS = $(call once,NET_CFLAGS,$(shell $(PKG_CONFIG) --cflags libcurl libuv))
NET_LIBS = $(call once,NET_LIBS,$(shell $(PKG_CONFIG) --libs libcurl libuv))
# libbsd costs a short process 0.15 ms as a shared library, and nothing as an archive. What libc has too is libc's: -lc first.
BSD_LIBS = $(call once,BSD_LIBS,$(if $(and $(call archive,bsd),$(call archive,md)),\
	-lc -Wl$(,)-Bstatic -lbsd -lmd -Wl$(,)-Bdynamic,$(shell $(PKG_CONFIG) --libs libbsd-overlay)))
# SQLite likewise: as an archive it spares a short process 0.3 ms.
SQL_CFLAGS = $(call once,SQL_CFLAGS,$(shell $(PKG_CONFIG) --cflags sqlite3))
SQL_LIBS = $(call once,SQL_LIBS,$(if $(call archive,sqlite3),-Wl$(,)-Bstatic -lsqlite3 -Wl$(,)-Bdynamic -lm,$(shell $(PKG_CONFIG) --libs sqlite3)))
archive = $(findstring /,$(shell $(CC) -print-file-name=lib$(1).a))
, := ,

WARNINGS = -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wwrite-strings -Wvla $(if $(WERROR),-Werror)
FORTIFY = $(if $(filter -O0 -D_FORTIFY_SOURCE% -Wp$(,)-D_FORTIFY_SOURCE%,$(CPPFLAGS) $(CFLAGS))$(filter asan fuzz,$(VARIANT)),,\
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
SANITIZE = $(if $(filter asan fuzz,$(VARIANT)),-fsanitize=address$(,)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer) \
	$(if $(filter fuzz,$(VARIANT)),$(FUZZER))
OR_CPPFLAGS = -D_GNU_SOURCE -iquote lib -DOR_VERSION='"$(VERSION)"' $(if $(filter fault,$(VARIANT)),-DOR_FAULTS) \
	$(if $(filter asan fuzz,$(VARIANT)),-DOR_CLEAN_EXIT) \
	$(BSD_CFLAGS) $(NET_CFLAGS) $(SQL_CFLAGS) $(strip $(FORTIFY))
OR_CFLAGS = -std=c11 $(WARNINGS) -fstack-protector-strong -fPIE -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables $(SANITIZE)
OR_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,pack-relative-relocs,-z,noseparate-code -Wl,--as-needed -Wl,--gc-sections $(SANITIZE)
COMPILE = $(CC) $(OR_CPPFLAGS) $(CPPFLAGS) $(OR_CFLAGS) $(CFLAGS)
LINK = $(CC) $(OR_LDFLAGS) $(OR_CFLAGS) $(CFLAGS) $(LDFLAGS)

Q = $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)	$(patsubst $(B)/%,%,$@)';)

UNIT = $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*.c))
TOOL_TESTS = $(wildcard tests/tool/*.t)
FUZZ_TEST = tests/fuzz/seeds.t
FUZZ_DRIVER = driver
FUZZ = $(filter-out driver,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
LIB = $(B)/liborutils.a
LIB_OBJS = $(MODULES:%=$(B)/lib/%.o)

all: tools
tools: $(LIB) $(TOOLS:%=$(B)/bin/%)

$(TOOLS:%=$(B)/bin/%): $(B)/bin/%: $(B)/cmd/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)$(LINK) -o $@ $(filter-out $(LLHTTP_OBJS),$(filter %.o,$^)) $(LIB) $($*_LIBS)
$(foreach t,$(TOOLS),$(eval $(B)/bin/$t: $($t_OBJS:%=$(B)/cmd/%.o)))
$(B)/bin/or-serve: $(LLHTTP_OBJS)

# Made anew, so that the object of a module that went away isn't in it.
$(LIB): $(LIB_OBJS)
	@rm -f $@
	$(call say,AR)$(AR) -rcs $@ $^

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(COMPILE) $(if $(filter $(HOT:%=lib/%.c),$<),,$(COLD)) -MMD -MP -c -o $@ $<

$(B)/llhttp/%.o: $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(LLHTTP_CFLAGS) $(CPPFLAGS) -std=c11 -fPIE -ffunction-sections $(SANITIZE) $(CFLAGS) -c -o $@ $(LLHTTP_DIR)/$*.c

$(B)/lib/serve/http1.o: OR_CPPFLAGS += $(LLHTTP_CFLAGS)

# Changes when the commands do, and with it every object.
FLAGS = '$(subst ','\'',$(COMPILE) $(COLD) $(HOT) $(LINK))'
$(B)/flags: FORCE | build/have-deps
	@mkdir -p $(@D)
	@printf '%s\n' $(FLAGS) | cmp -s - $@ || printf '%s\n' $(FLAGS) >$@

build/have-deps: scripts/deps
	$(Q)CC='$(CC)' scripts/deps -n build
	@mkdir -p $(@D) && touch $@

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(LIB) $(LLHTTP_OBJS)
	$(call say,LD)$(LINK) -o $@ $< $(LIB) $(LLHTTP_LIBS) $(NET_LIBS) $(SQL_LIBS) $(BSD_LIBS)

$(B)/tests/upstream: $(B)/tests/upstream.o
	$(call say,LD)$(LINK) -o $@ $< $(BSD_LIBS)

units: $(UNIT)
$(B)/tests/decode $(B)/bench/decode $(B)/bench/plan $(B)/tests/ledger $(B)/tests/fill: %: %.o $(LIB)
	$(call say,LD)$(LINK) -o $@ $< $(LIB) $(NET_LIBS) $(SQL_LIBS) $(BSD_LIBS)

$(B)/bench/streams: $(B)/bench/streams.o
	$(call say,LD)$(LINK) -o $@ $<

test-tools: $(B)/tests/upstream $(B)/tests/decode $(B)/tests/ledger $(B)/tests/fill

# Set-up needs a make of its own: what the lines above ask the compiler and pkg-config can be answered only afterwards.
check:
	$(Q)CC='$(CC)' scripts/deps check
	$(Q)$(MAKE) check-run

check-run: all units test-tools fuzz-run
	$(Q)scripts/clients build/clients || true
	$(Q)$(MAKE) B=$(B)/fault VARIANT='$(VARIANT) fault' tools
	$(Q)OR_BIN=$(CURDIR)/$(B)/bin OR_FAULT_BIN=$(CURDIR)/$(B)/fault/bin OR_UPSTREAM=$(CURDIR)/$(B)/tests/upstream \
		OR_FUZZ=$(CURDIR)/$(B)/fuzz scripts/prove-all -j $(JOBS) $(UNIT) $(FUZZ_TEST) $(TOOL_TESTS)

# The long proofs whole; `make check` runs a stated part of each.
proof:
	$(Q)CC='$(CC)' scripts/deps check
	$(Q)PROOF=1 $(MAKE) check-run

asan:
	$(Q)CC='$(CC)' scripts/deps asan
	$(Q)$(SANITIZER_ENV) $(MAKE) B=build/asan VARIANT=asan check-run

SANITIZER_ENV = ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:$$ASAN_OPTIONS \
	UBSAN_OPTIONS=print_stacktrace=1:$$UBSAN_OPTIONS

demo:
	$(Q)CC='$(CC)' scripts/deps demo
	$(Q)$(MAKE) all test-tools
	$(Q)scripts/demo

deps:
	$(Q)CC='$(CC)' scripts/deps all

lint:
	$(Q)CC='$(CC)' scripts/deps lint
	$(Q)$(MAKE) all
	$(Q)CC='$(CC)' scripts/lint $(B)

fuzz:
	$(Q)CC='$(CC)' scripts/deps fuzz
	$(Q)CC='$(CC)' scripts/fuzz $(FUZZ_SECONDS) $(FUZZ)

# By default with a driver of our own, for the tests; scripts/fuzz has it made with libFuzzer where there is one.
fuzz-run: $(FUZZ:%=$(B)/fuzz/%)

$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(FUZZ_DRIVER:%=$(B)/tests/fuzz/%.o) $(LIB) $(LLHTTP_OBJS)
	@mkdir -p $(@D)
	$(call say,LD)$(LINK) $(FUZZ_LINK) -o $@ $(filter-out $(LLHTTP_OBJS),$^) $(LLHTTP_LIBS) $(NET_LIBS) $(SQL_LIBS) $(BSD_LIBS)

bench:
	$(Q)CC='$(CC)' scripts/deps bench
	$(Q)$(MAKE) all test-tools
	$(Q)bench/run

install: all
	$(INSTALL) -d $(foreach d,$(BINDIR) $(MANDIR)/man1 $(MANDIR)/man7 $(MANDIR)/man5 $(BASHDIR) $(ZSHDIR) $(FISHDIR),$(DESTDIR)$d)
	$(INSTALL) -m 755 $(TOOLS:%=build/bin/%) $(DESTDIR)$(BINDIR)
	$(INSTALL) -m 644 $(TOOLS:%=man/%.1) $(DESTDIR)$(MANDIR)/man1
	$(INSTALL) -m 644 man/orutils.7 man/orutils-formats.7 $(DESTDIR)$(MANDIR)/man7
	$(INSTALL) -m 644 man/orutils-tables.5 $(DESTDIR)$(MANDIR)/man5
	for t in $(TOOLS); do \
		$(INSTALL) -m 644 completions/$$t.bash $(DESTDIR)$(BASHDIR)/$$t && \
		$(INSTALL) -m 644 completions/_$$t $(DESTDIR)$(ZSHDIR)/_$$t && \
		$(INSTALL) -m 644 completions/$$t.fish $(DESTDIR)$(FISHDIR)/$$t.fish || exit 1; done

uninstall:
	rm -f $(foreach t,$(TOOLS),$(addprefix $(DESTDIR),$(BINDIR)/$t $(MANDIR)/man1/$t.1 $(BASHDIR)/$t $(ZSHDIR)/_$t $(FISHDIR)/$t.fish)) \
		$(DESTDIR)$(MANDIR)/man7/orutils.7 $(DESTDIR)$(MANDIR)/man7/orutils-formats.7 $(DESTDIR)$(MANDIR)/man5/orutils-tables.5

dist:
	$(Q)scripts/dist orutils-$(VERSION)

completions: all
	$(Q)scripts/completions build/bin completions $(TOOLS)

clean:
	rm -rf build

FORCE:
.PHONY: FORCE all tools units test-tools check check-run proof asan demo deps lint fuzz fuzz-run bench install uninstall dist completions clean
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
-include $(shell test ! -d $(B) || find $(B) -name '*.d')
