/** The operator's HTTPS API. */
@NullMarked
package io.zenmesh.controlplane.api;

import org.jspecify.annotations.NullMarked;
