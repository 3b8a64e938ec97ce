/** The record of who did what: append-only, one chain a tenant and one for the system. */
@NullMarked
package io.zenmesh.controlplane.audit;

import org.jspecify.annotations.NullMarked;
