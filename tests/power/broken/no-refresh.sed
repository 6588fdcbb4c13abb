# core/update/install.c
# Sectors that match after a cut are taken for done, half-written cells and all.
# scenario update-app
s/matches && install->is_resumed)/matches \&\& false)/
