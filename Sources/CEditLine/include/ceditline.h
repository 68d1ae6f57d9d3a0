#pragma once
#if !__has_include(<histedit.h>)
#error "libedit headers not found. On Debian or Ubuntu: sudo apt-get install libedit-dev"
#else
#include <histedit.h>
#include <stdbool.h>
#include <stddef.h>

// Typed fronts for libedit's variadic functions, which Swift cannot call.
typedef unsigned char (*ll_key_function)(EditLine *, int);

/// An editor of keys and buffer that draws nothing; both descriptors are those of a terminal.
EditLine *ll_editor_new(const char *program, int input, int output);
void ll_editor_free(EditLine *);
void ll_editor_set_no_prompt(EditLine *);
void ll_editor_set_client(EditLine *, void *);
void *ll_editor_client(EditLine *);
void ll_editor_set_reader(EditLine *, el_rfunc_t);
void ll_editor_set_history(EditLine *, HistoryW *);
void ll_editor_set_signals(EditLine *, int on);
void ll_editor_set_emacs(EditLine *);
bool ll_editor_is_vi(EditLine *);
/// `name` is kept by libedit and must outlive it.
void ll_editor_add_function(EditLine *, const wchar_t *name, ll_key_function);
void ll_editor_bind(EditLine *, const wchar_t *key, const wchar_t *function);
void ll_editor_bind_command_mode(EditLine *, const wchar_t *key, const wchar_t *function);
/// What `bind KEY` prints, KEY in its notation; the count of bytes written.
size_t ll_editor_describe_key(EditLine *, const wchar_t *key, char *description, size_t capacity);
void ll_editor_prepare_terminal(EditLine *, int raw);
/// No echo between lines: what is typed while something is computed appears at the next prompt.
void ll_editor_set_quiet_modes(EditLine *);
/// Puts `text` in the place of the whole line.
void ll_editor_replace(EditLine *, const wchar_t *text, size_t cursor);
void ll_history_set_size(HistoryW *, int);
void ll_history_enter(HistoryW *, const wchar_t *);

/// A UTF-8 locale for characters, whatever LANG says; false if the C library has none.
bool ll_use_utf8(void);

// Signals. Handlers set flags and nothing else; system calls are not restarted, so a wait for a key ends.
enum { LL_RESIZED = 2, LL_CONTINUED = 4, LL_STOPPING = 8 };
/// Those that end the program set `ll_terminated`; those that kill it at once put the terminal in order first.
void ll_signals_install(void);
/// While held, signals arrive only inside `ll_read_keys`: none can slip in between a look at the flags and the wait.
/// Ctrl-Z then sets LL_STOPPING; otherwise it stops the program as usual.
void ll_signals_hold(bool);
/// Ctrl-C was pressed and not yet taken, or the program is to end. Two relaxed loads: fit for hot loops.
bool ll_interrupted(void);
bool ll_take_interrupt(void);
/// Clears and returns LL_RESIZED, LL_CONTINUED, LL_STOPPING.
int ll_take_screen_signals(void);
/// The signal that asks the program to end, else 0.
int ll_terminated(void);
/// Stops the program as Ctrl-Z does, until it is continued.
void ll_stop(void);
enum { LL_SIGNAL = -1, LL_QUIET = -2 };
/// Waits for keys while signals are held, and reads them: their count, 0 at the end, LL_SIGNAL when a signal came, LL_QUIET
/// after so many milliseconds; less than 0 waits for ever.
/// One printable ASCII character that came alone is written to standard output between `before` and `after`, unless those
/// are NULL: from here, because what a key touches before it is seen is what has to be fetched into a processor's cache.
long ll_read_keys(int descriptor, int milliseconds, unsigned char *bytes, size_t capacity, const char *before,
                  const char *after);

/// Keeps the terminal's modes for `ll_terminal_restore`, which may be called from a signal handler.
void ll_terminal_keep(int descriptor);
void ll_terminal_restore(void);
/// Keys arrive one by one and unseen; Ctrl-C and Ctrl-Z still are signals. Off: the modes from before.
void ll_terminal_raw(int descriptor, bool on);
/// Opens what was closed of 0, 1 and 2, so that no file of ours becomes somebody's standard output.
void ll_descriptors_open(void);
int ll_screen_size(int descriptor, int *columns, int *rows);
#endif
