package io.zenmesh.xds.wire;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * Buffers for connections that carry secrets. What lies on the Java heap is not pooled, so that no
 * heap dump, after a garbage collection, holds what went over such a connection before. Stateless.
 */
public final class SecretBuffers {
  private static final ByteBufAllocator ALLOCATOR =
      new PooledByteBufAllocator(
          true,
          0,
          PooledByteBufAllocator.defaultNumDirectArena(),
          PooledByteBufAllocator.defaultPageSize(),
          PooledByteBufAllocator.defaultMaxOrder(),
          PooledByteBufAllocator.defaultSmallCacheSize(),
          PooledByteBufAllocator.defaultNormalCacheSize(),
          true);

  private SecretBuffers() {}

  /** For {@code ChannelOption.ALLOCATOR}; thread-safe. */
  public static ByteBufAllocator allocator() {
    return ALLOCATOR;
  }
}
