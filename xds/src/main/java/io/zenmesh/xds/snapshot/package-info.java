/** What a node is to be configured with, as bytes with one content version each. */
@NullMarked
package io.zenmesh.xds.snapshot;

import org.jspecify.annotations.NullMarked;
