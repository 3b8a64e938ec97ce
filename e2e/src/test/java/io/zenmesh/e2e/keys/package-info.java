/** Proves that keys which messages only name are fetched, checked and used behind a real Envoy. */
@NullMarked
package io.zenmesh.e2e.keys;

import org.jspecify.annotations.NullMarked;
