/**
 * The part of the ONNX file format (onnx.proto, IR version 8) that a plan needs, with its field numbers, for
 * protobufjs.
 */
import type { INamespace } from 'protobufjs';

const field = (type: string, id: number) => ({ type, id });
const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id });

export const ONNX_SCHEMA: INamespace = {
  nested: {
    ModelProto: {
      fields: {
        irVersion: field('int64', 1),
        producerName: field('string', 2),
        graph: field('GraphProto', 7),
        opsetImport: repeated('OperatorSetIdProto', 8),
      },
    },
    OperatorSetIdProto: { fields: { domain: field('string', 1), version: field('int64', 2) } },
    GraphProto: {
      fields: {
        node: repeated('NodeProto', 1),
        name: field('string', 2),
        initializer: repeated('TensorProto', 5),
        input: repeated('ValueInfoProto', 11),
        output: repeated('ValueInfoProto', 12),
      },
    },
    NodeProto: {
      fields: {
        input: repeated('string', 1),
        output: repeated('string', 2),
        name: field('string', 3),
        opType: field('string', 4),
        attribute: repeated('AttributeProto', 5),
      },
    },
    AttributeProto: {
      fields: {
        name: field('string', 1),
        i: field('int64', 3),
        ints: { rule: 'repeated', type: 'int64', id: 8, options: { packed: false } },
        type: field('int32', 20),
      },
    },
    TensorProto: {
      fields: {
        dims: { rule: 'repeated', type: 'int64', id: 1, options: { packed: false } },
        dataType: field('int32', 2),
        name: field('string', 8),
        rawData: field('bytes', 9),
      },
    },
    ValueInfoProto: { fields: { name: field('string', 1), type: field('TypeProto', 2) } },
    TypeProto: {
      fields: { tensorType: field('Tensor', 1) },
      nested: { Tensor: { fields: { elemType: field('int32', 1), shape: field('TensorShapeProto', 2) } } },
    },
    TensorShapeProto: {
      fields: { dim: repeated('Dimension', 1) },
      nested: { Dimension: { fields: { dimValue: field('int64', 1) } } },
    },
  },
};

/** TensorProto.DataType */
export const DATA_TYPE = { float: 1, uint8: 2, int64: 7 } as const;

/** AttributeProto.AttributeType */
export const ATTRIBUTE_TYPE = { int: 2, ints: 7 } as const;
