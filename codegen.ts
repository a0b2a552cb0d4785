import type { CodegenConfig } from '@graphql-codegen/cli';

// Typed documents for the tests, from the committed schema: never from src/, which would bring in a second copy of graphql.
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['test/**/*.ts', '!test/generated/**'],
  ignoreNoDocuments: true,
  generates: {
    'test/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumType: 'string-literal',
        emitLegacyCommonJSImports: false,
        importExtension: '.ts',
        scalars: {
          ID: 'string',
          DateTime: 'string',
          LocalDate: 'string',
          TaskDate: 'string',
          TimeZone: 'string',
          Decimal: 'string',
          JSON: 'unknown',
        },
      },
    },
  },
};

export default config;
