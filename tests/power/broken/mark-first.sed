# core/update/install.c
# Sector 0 is programmed from its front: the mark is there before the rest is.
# scenario install-app
/^static enum lcm_err install_commit/,/^}/{
s/LCM_IMAGE_HEADER_SIZE,$/0,/
s/install_program_first(install, LCM_IMAGE_MARK_SIZE, LCM_IMAGE_HEADER_SIZE)/LCM_OK/
s/install_program_first(install, 0, LCM_IMAGE_MARK_SIZE)/LCM_OK/
}
