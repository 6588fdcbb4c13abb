# core/trust/trust_store.c
# The old trust sector is retired before the new one is in force.
# scenario new-trust
s/^    err = store_write(store->flash, new_addr, file);$/    store_retire(store->flash, old_addr);\n&/
