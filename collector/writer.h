/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the queue into the store: batches of messages, one transaction each. A message is accepted
 * when its transaction is committed; until then it stays in the queue. When the store cannot be
 * written (disk full, server away) the batch is tried again until it can; a damaged file is moved
 * aside and a new one begun.
 */
#ifndef LCM_COLLECTOR_WRITER_H
#define LCM_COLLECTOR_WRITER_H

#include "collector/collect.h"

struct writer;

/* Open the store and the ways out. CLI_OK, or an exit code after an error line. */
LCM_MUST_CHECK int writer_open(struct collect *collect, struct writer **writer);
/* Until the queue is closed and empty. false: messages are left that could not be stored. */
bool writer_run(struct writer *writer);
void writer_close(struct writer *writer);

#endif
