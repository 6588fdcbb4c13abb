# Promela model of the life cycle, checked by Spin.
.PHONY: model
## make model         check the model of the life cycle, and that broken ones fail
model:
	@mkdir -p build/model
	@tests/model/check.sh build/model
