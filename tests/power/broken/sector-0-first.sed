# core/update/install.c
# Sector 0 is taken as done when it arrives: it is not kept for the end.
# scenario update-app
s/^    if (install->sector == 0) {$/    if (false) {/
