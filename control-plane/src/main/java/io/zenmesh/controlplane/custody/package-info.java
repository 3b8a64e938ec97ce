/**
 * Secrets at rest: sealed under a data key of their own, which is wrapped under a key outside the
 * database.
 */
@NullMarked
package io.zenmesh.controlplane.custody;

import org.jspecify.annotations.NullMarked;
