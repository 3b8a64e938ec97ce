package io.zenmesh.xds.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ByteString;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.secret.EndpointKeys;

/** Reads the two resource types of a processor; every problem is an IllegalArgumentException. */
interface PolicyDecoder {
  EndpointPolicy policy(ByteString bytes) throws InvalidProtocolBufferException;

  EndpointKeys keys(ByteString bytes) throws InvalidProtocolBufferException;
}
