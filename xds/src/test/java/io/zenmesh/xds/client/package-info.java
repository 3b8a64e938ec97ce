/** The policy client against the real server. */
@NullMarked
package io.zenmesh.xds.client;

import org.jspecify.annotations.NullMarked;
