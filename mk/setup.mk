# Set-up: packages of the machine and pinned sources. Both steps end at once when all is there.
.PHONY: setup setup-lint

## make setup         install the packages of deps.lock and fetch the pinned sources
setup:
	@scripts/setup-debian.sh build
	@scripts/fetch-sources.sh

setup-lint:
	@scripts/setup-debian.sh lint
