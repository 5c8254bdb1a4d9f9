import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// Import rules of the layout: cli → {player, server, driver} → {media, sinks,
// avatar, voice, metrics} → {wire, errors}. Written as zones: `target` may not import `from`.
const layers = [
  { target: './src/wire', from: ['./src'], except: ['./wire', './errors.ts'] },
  { target: './src/media', from: ['./src'], except: ['./media', './wire', './errors.ts', './frame.ts'] },
  {
    target: './src/voice',
    from: ['./src'],
    except: ['./voice', './wire', './errors.ts', './entry-url.ts', './frame.ts', './read-wav.ts'],
  },
  {
    target: './src/avatar',
    from: ['./src'],
    except: [
      './avatar',
      './sinks/sink.ts',
      './errors.ts',
      './entry-url.ts',
      './frame.ts',
      './picture-drawer.ts',
      './picture-holders.ts',
      './pixel-format.ts',
      './yuv-picture.ts',
    ],
  },
  // Pictures of other engines.
  {
    target: './src/renderers',
    from: ['./src'],
    except: [
      './renderers',
      './avatar',
      './sinks/sink.ts',
      './option-values.ts',
      './errors.ts',
      './frame.ts',
      './child.ts',
      './clock.ts',
      './backoff.ts',
      './picture-holders.ts',
      './pixel-format.ts',
      './yuv-picture.ts',
    ],
  },
  // What is laid over pictures and behind them.
  {
    target: './src/compose',
    from: ['./src'],
    except: [
      './compose',
      './renderers',
      './avatar',
      './sinks/sink.ts',
      './option-values.ts',
      './errors.ts',
      './pixel-format.ts',
      './media/load-addon.ts',
    ],
  },
  {
    target: './src/rigs',
    from: ['./src'],
    except: [
      './rigs',
      './media/orders.ts',
      './voice/voice.ts',
      './errors.ts',
      './frame.ts',
      './settings-file.ts',
    ],
  },
  { target: './src/record', from: ['./src'], except: ['./record', './wire', './errors.ts'] },
  {
    target: './src/sinks',
    from: ['./src'],
    except: [
      './sinks',
      './rigs',
      './errors.ts',
      './entry-url.ts',
      './frame.ts',
      './child.ts',
      './clock.ts',
      './descriptors.ts',
      './find-program.ts',
      './backoff.ts',
      './option-values.ts',
      // What a page that draws for itself writes into the picture.
      './compose/caption.ts',
      // The sound card is played by the addon.
      './media/sound-binding.ts',
      './media/load-addon.ts',
      './media/native-error.ts',
      './pixel-format.ts',
      './yuv-picture.ts',
    ],
  },
  {
    target: './src/driver',
    from: ['./src'],
    except: [
      './driver',
      './wire',
      './media',
      './record',
      './errors.ts',
      './clock.ts',
      './backoff.ts',
      './metrics',
      './read-wav.ts',
    ],
  },
  {
    target: './src/server',
    from: ['./src'],
    except: [
      './server',
      './wire',
      './voice',
      './media',
      './sinks',
      './avatar',
      './compose',
      './metrics',
      './errors.ts',
      './clock.ts',
      './descriptors.ts',
      './frame.ts',
      './player',
      './ingest',
      './rigs',
      './settings-file.ts',
    ],
  },
  { target: './src/player', from: ['./src/server', './src/kiosk', './src/cli'] },
  { target: './src/kiosk', from: ['./src/cli'] },
];

export default tseslint.config(
  { ignores: ['dist', 'dist-bench', 'dist-soak', '**/*.mjs', 'build*', 'out', 'node_modules', 'coverage'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    // Sources are TypeScript and are named with .js in imports.
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] } })],
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/require-await': 'off',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'max-lines': ['warn', 400],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: layers.flatMap(({ target, from, except }) =>
            from.map((f) => ({ target, from: f, ...(except && { except: except.map((e) => e) }) })),
          ),
        },
      ],
    },
  },
  {
    files: ['test/skip-reporter.ts', 'test/soak/soak.config.ts', 'vitest.config.ts', 'eslint.config.js'],
    rules: { 'no-restricted-exports': 'off' },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
