/** The database: the only SQL, behind one door for tenants and one for the publisher. */
@NullMarked
package io.zenmesh.controlplane.store.postgres;

import org.jspecify.annotations.NullMarked;
