/** Pure factories from the model to the resources that Envoy and the external processor load. */
@NullMarked
package io.zenmesh.xds.resource;

import org.jspecify.annotations.NullMarked;
