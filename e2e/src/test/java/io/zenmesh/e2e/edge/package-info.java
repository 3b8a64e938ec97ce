/**
 * Proves that what a client can do to a request's framing, headers, path or size never gets an
 * unverified byte, a second request or a forged tag to the target.
 */
@NullMarked
package io.zenmesh.e2e.edge;

import org.jspecify.annotations.NullMarked;
