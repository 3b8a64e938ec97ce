/** Proves that what the processor decided is on the tenant's record. */
@NullMarked
package io.zenmesh.e2e.receipt;

import org.jspecify.annotations.NullMarked;
