/**
 * The management process: its command line and the one place where its objects are put together.
 */
@NullMarked
package io.zenmesh.controlplane;

import org.jspecify.annotations.NullMarked;
