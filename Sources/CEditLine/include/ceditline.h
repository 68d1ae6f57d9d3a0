#pragma once
#if !__has_include(<histedit.h>)
#error "libedit headers not found. On Debian or Ubuntu: sudo apt-get install libedit-dev"
#else
#include <histedit.h>
#include <stdbool.h>
#include <stdint.h>

// Typed fronts for libedit's variadic functions, which Swift cannot call.
typedef wchar_t *(*ll_prompt_function)(EditLine *);
typedef unsigned char (*ll_key_function)(EditLine *, int);

EditLine *ll_editor_new(const char *program);
void ll_editor_set_prompt(EditLine *, ll_prompt_function, wchar_t literal);
void ll_editor_set_client(EditLine *, void *);
void *ll_editor_client(EditLine *);
void ll_editor_set_reader(EditLine *, el_rfunc_t);
void ll_editor_set_history(EditLine *, HistoryW *);
void ll_editor_set_signals(EditLine *, int on);
void ll_editor_set_emacs(EditLine *);
/// `name` is kept by libedit and must outlive it.
void ll_editor_add_function(EditLine *, const wchar_t *name, ll_key_function);
void ll_editor_bind(EditLine *, const wchar_t *key, const wchar_t *function);
void ll_editor_set_capability(EditLine *, const wchar_t *name, const wchar_t *value);
void ll_editor_prepare_terminal(EditLine *, int raw);
void ll_editor_refresh(EditLine *);
void ll_history_set_size(HistoryW *, int);
void ll_history_enter(HistoryW *, const wchar_t *);

/// A UTF-8 locale for characters, whatever LANG says; false if the C library has none.
bool ll_use_utf8(void);

// Signals. Handlers set flags and nothing else; system calls are not restarted, so a wait for a key ends.
enum { LL_RESIZED = 2, LL_CONTINUED = 4 };
void ll_signals_install(void);
/// Ctrl-C was pressed and not yet taken. One relaxed load: fit for hot loops.
bool ll_interrupted(void);
bool ll_take_interrupt(void);
/// Clears and returns LL_RESIZED, LL_CONTINUED.
int ll_take_screen_signals(void);
/// SIGTERM or SIGHUP came: its number, else 0.
int ll_terminated(void);
/// Waits for a byte: 1 readable, 0 a signal came, -1 error. `milliseconds` < 0 waits for ever; 2 is a timeout.
int ll_wait(int descriptor, int milliseconds);

/// Writes to the stream libedit draws on, and flushes it.
void ll_draw(const char *text);
int ll_screen_size(int descriptor, int *columns, int *rows);
int ll_character_width(uint32_t scalar);
#endif
