/** Everything Envoy is given is loaded by a real Envoy here. */
@NullMarked
package io.zenmesh.envoyconfig;

import org.jspecify.annotations.NullMarked;
