# The set-up page: web/setup/ becomes one document, gzip, and C words for the firmware.
#
#   build/page/index.html       style and script inside
#   build/page/index.html.gz    what devices send, at most PAGE_SIZE_MAX bytes
#   build/page/policy           its Content-Security-Policy
#   build/page/page_data.c      both as C (portal/page.h)
PAGE := build/page
PAGE_SIZE_MAX := 12288
PAGE_DATA := $(PAGE)/page_data.c
# In the order of their use.
PAGE_MODULES := $(addprefix web/setup/,bytes.js sha256.js p256.js spake2.js chacha.js messages.js \
	fields.js networks.js session.js view.js form.js trial.js app.js)
# English first: it says which texts there are.
PAGE_TEXTS := $(addprefix web/setup/texts/,en.txt de.txt fr.txt es.txt nl.txt)
PAGE_AWK := LC_ALL=C awk

$(PAGE)/texts.js: $(PAGE_TEXTS) scripts/page/texts.awk
	@mkdir -p $(@D)
	$(Q)$(PAGE_AWK) -v keys=$(PAGE)/texts.keys -f scripts/page/texts.awk $(PAGE_TEXTS) >$@.new
	@mv $@.new $@
$(PAGE)/script.js: $(PAGE_MODULES) $(PAGE)/texts.js scripts/page/script.awk mk/page.mk
	$(Q)$(PAGE_AWK) -v keys=$(PAGE)/texts.keys -f scripts/page/script.awk $(PAGE_MODULES) >$@.part
	$(Q){ echo "'use strict';{"; cat $(PAGE)/texts.js $@.part; echo "}"; } >$@.new
	@mv $@.new $@
$(PAGE)/style.css: web/setup/style.css scripts/page/style.awk
	@mkdir -p $(@D)
	$(Q)$(PAGE_AWK) -f scripts/page/style.awk $< >$@.new
	@mv $@.new $@
$(PAGE)/index.html: web/setup/index.html $(PAGE)/style.css $(PAGE)/script.js scripts/page/html.awk
	$(SAY) '  PAGE $@'
	$(Q)$(PAGE_AWK) -v keys=$(PAGE)/texts.keys -v style=$(PAGE)/style.css -v script=$(PAGE)/script.js \
		-f scripts/page/html.awk $< >$@.new
	@mv $@.new $@
$(PAGE)/index.html.gz: $(PAGE)/index.html
	$(Q)gzip -9n <$< >$@.new
	@size=$$(wc -c <$@.new); test $$size -le $(PAGE_SIZE_MAX) || \
		{ echo "$@: $$size bytes, at most $(PAGE_SIZE_MAX) are for the page" >&2; exit 1; }
	@mv $@.new $@
$(PAGE)/policy: $(PAGE)/index.html scripts/page/policy.sh
	$(Q)scripts/page/policy.sh $< >$@.new
	@mv $@.new $@
$(PAGE_DATA): $(PAGE)/index.html.gz $(PAGE)/policy scripts/page/data.awk
	$(Q)od -An -v -tu1 $< | $(PAGE_AWK) -v policy=$(PAGE)/policy -f scripts/page/data.awk >$@.new
	@mv $@.new $@

.PHONY: page
## make page          the set-up page (web/setup/) as one document, and what it occupies
page: $(PAGE)/index.html.gz $(PAGE)/policy
	@echo "$(PAGE)/index.html.gz: $$(wc -c <$(PAGE)/index.html.gz) of $(PAGE_SIZE_MAX) bytes"

# Tests of the page in JavaScript (tests/browser): node's test runner, packages from the lock file.
# They say how many passed in the words of TAP; `make test` adds them up.
PAGE_TESTS := tests/browser
PAGE_PACKAGES := $(PAGE_TESTS)/node_modules/.package-lock.json
PAGE_NODE := node --test --test-reporter=tap

$(PAGE_PACKAGES): $(PAGE_TESTS)/package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null || scripts/setup-debian.sh page
	@echo "  NPM  $(PAGE_TESTS)"
	$(Q)cd $(PAGE_TESTS) && npm ci --no-fund --no-audit >/dev/null
	@touch $@

define page_run
	@if $(PAGE_NODE) $(2) >$(PAGE)/$(1).log 2>&1; then echo "== $(1): $$(sed -n 's/^# pass //p' $(PAGE)/$(1).log) test(s)."; \
		else echo "== $(1) FAILED"; cat $(PAGE)/$(1).log; exit 1; fi
endef

.PHONY: page-test browser-test
## make page-test     the page's modules and its packing: published vectors, @noble/* as an oracle
page-test: $(PAGE_PACKAGES) page $(PAGE_DATA)
	$(call page_run,page,$(wildcard $(PAGE_TESTS)/unit/*.test.js))

## make browser-test  the page in Chromium, by mouse, keyboard, in several languages, with faults
browser-test: $(PAGE_PACKAGES) page
	@test -n "$$CHROMIUM" || command -v chromium >/dev/null || scripts/setup-debian.sh browser
	$(call page_run,browser,--test-concurrency=2 $(wildcard $(PAGE_TESTS)/page/*.test.js))
