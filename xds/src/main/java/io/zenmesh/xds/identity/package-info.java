/** Who a process is: SPIFFE ids, and the PEM files that prove them. */
@NullMarked
package io.zenmesh.xds.identity;

import org.jspecify.annotations.NullMarked;
