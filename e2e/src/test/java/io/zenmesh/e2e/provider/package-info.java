/**
 * Proves that what the providers' own libraries sign is verified through Envoy, and no bit more.
 */
@NullMarked
package io.zenmesh.e2e.provider;

import org.jspecify.annotations.NullMarked;
