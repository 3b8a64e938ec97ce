/**
 * The verification engine: schemes as data, interpreted over raw bytes. Pure: no I/O, no clock, no
 * logging, no gRPC.
 */
@NullMarked
package io.zenmesh.extproc.signature;

import org.jspecify.annotations.NullMarked;
