# core/update/install.c
# The slot stays bootable while its sectors are replaced.
# scenario update-app
s/^    if (!install->is_invalidated)$/    if (false)/
