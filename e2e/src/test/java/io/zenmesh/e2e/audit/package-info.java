/** The audit record of a running mesh. */
@NullMarked
package io.zenmesh.e2e.audit;

import org.jspecify.annotations.NullMarked;
