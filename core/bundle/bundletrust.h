/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * bundletrust - whose bundles this machine takes: the certificates that the admin has put into
 * /etc/dkms/bundles.d, one a file.  A file whose name ends with ".crl" is a list of certificates
 * that do not count any more (bundlesign.h).
 */
#include "bundle/bundlesign.h"
#include "engine/engine.h"

#define BUNDLE_TRUST "/etc/dkms/bundles.d"

/*
 * Read the folder.  A certificate that cannot be used is left out, with a warning.
 * -E_BUNDLE_TRUST: there is no certificate, somebody other than root can change one of the files,
 * or a CRL cannot be read, so that nobody knows whom it names.
 */
int bundle_trust_read(const struct engine *e, struct bundle_trust **ret,
		      struct err *err) MUST_CHECK;
