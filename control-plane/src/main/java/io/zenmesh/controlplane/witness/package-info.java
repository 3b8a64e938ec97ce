/**
 * The witness: a process with a key of its own that cosigns checkpoints of audit logs, and only
 * such that continue what it has cosigned before (C2SP tlog-witness). It knows no database and no
 * mesh.
 */
@NullMarked
package io.zenmesh.controlplane.witness;

import org.jspecify.annotations.NullMarked;
