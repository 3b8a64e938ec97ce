/** What processors decided, as it goes on the record of their tenants. */
@NullMarked
package io.zenmesh.controlplane.receipt;

import org.jspecify.annotations.NullMarked;
