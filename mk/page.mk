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
PAGE_MODULES := $(addprefix web/setup/,bytes.js sha256.js p256.js spake2.js chacha.js messages.js fields.js \
	networks.js session.js view.js form.js trial.js app.js)
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
