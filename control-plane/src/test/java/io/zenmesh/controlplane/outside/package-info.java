/** Programs of others that judge what we do. */
@NullMarked
package io.zenmesh.controlplane.outside;

import org.jspecify.annotations.NullMarked;
