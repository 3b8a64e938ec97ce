/**
 * Checks audit records by code of its own: the format is stated here a second time, from {@code
 * docs/audit.md}, and nothing that writes entries, trees or checkpoints is called.
 */
@NullMarked
package io.zenmesh.controlplane.audit.verify;

import org.jspecify.annotations.NullMarked;
