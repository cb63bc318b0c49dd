// libduckdb.so, opened at first use: the functions of its C API that we call, by their own names.
#pragma once

#include <duckdb.h>

#include <string>

namespace duck {

// clang-format off
#define DUCK_FUNCTIONS(X) \
  X(duckdb_library_version) X(duckdb_free) X(duckdb_malloc) \
  X(duckdb_create_config) X(duckdb_set_config) X(duckdb_destroy_config) \
  X(duckdb_open_ext) X(duckdb_close) X(duckdb_connect) X(duckdb_disconnect) X(duckdb_interrupt) \
  X(duckdb_extract_statements) X(duckdb_extract_statements_error) X(duckdb_destroy_extracted) \
  X(duckdb_prepare_extracted_statement) X(duckdb_prepare_error) X(duckdb_destroy_prepare) \
  X(duckdb_prepared_statement_type) X(duckdb_nparams) \
  X(duckdb_bind_null) X(duckdb_bind_boolean) X(duckdb_bind_int64) X(duckdb_bind_double) \
  X(duckdb_bind_varchar_length) \
  X(duckdb_execute_prepared) X(duckdb_pending_prepared_streaming) X(duckdb_pending_error) \
  X(duckdb_execute_pending) X(duckdb_destroy_pending) \
  X(duckdb_destroy_result) X(duckdb_result_error) X(duckdb_result_error_type) \
  X(duckdb_column_count) X(duckdb_column_name) X(duckdb_column_logical_type) \
  X(duckdb_rows_changed) \
  X(duckdb_fetch_chunk) X(duckdb_destroy_data_chunk) X(duckdb_data_chunk_get_size) \
  X(duckdb_data_chunk_get_vector) \
  X(duckdb_vector_get_data) X(duckdb_vector_get_validity) X(duckdb_list_vector_get_child) \
  X(duckdb_struct_vector_get_child) X(duckdb_array_vector_get_child) \
  X(duckdb_get_type_id) X(duckdb_destroy_logical_type) X(duckdb_decimal_width) \
  X(duckdb_decimal_scale) X(duckdb_decimal_internal_type) \
  X(duckdb_enum_internal_type) X(duckdb_enum_dictionary_size) X(duckdb_enum_dictionary_value) \
  X(duckdb_list_type_child_type) X(duckdb_array_type_child_type) X(duckdb_array_type_array_size) \
  X(duckdb_map_type_key_type) X(duckdb_map_type_value_type) \
  X(duckdb_struct_type_child_count) X(duckdb_struct_type_child_name) \
  X(duckdb_struct_type_child_type) \
  X(duckdb_create_table_function) X(duckdb_destroy_table_function) \
  X(duckdb_table_function_set_name) X(duckdb_table_function_set_extra_info) \
  X(duckdb_table_function_set_bind) X(duckdb_table_function_set_init) \
  X(duckdb_table_function_set_function) X(duckdb_register_table_function) \
  X(duckdb_bind_get_extra_info) X(duckdb_bind_add_result_column) X(duckdb_bind_set_error) \
  X(duckdb_function_get_extra_info) X(duckdb_function_set_error) \
  X(duckdb_create_logical_type) X(duckdb_create_decimal_type) X(duckdb_create_list_type) \
  X(duckdb_create_map_type) X(duckdb_create_struct_type) \
  X(duckdb_vector_size) X(duckdb_data_chunk_set_size) X(duckdb_vector_ensure_validity_writable) \
  X(duckdb_vector_assign_string_element_len) \
  X(duckdb_list_vector_reserve) X(duckdb_list_vector_set_size) \
  X(duckdb_create_scalar_function) X(duckdb_destroy_scalar_function) \
  X(duckdb_scalar_function_set_name) X(duckdb_scalar_function_add_parameter) \
  X(duckdb_scalar_function_set_return_type) X(duckdb_scalar_function_set_extra_info) \
  X(duckdb_scalar_function_set_special_handling) X(duckdb_scalar_function_set_function) \
  X(duckdb_scalar_function_get_extra_info) X(duckdb_scalar_function_set_error) \
  X(duckdb_register_scalar_function) X(duckdb_vector_get_column_type) \
  X(duckdb_logical_type_get_alias)
// clang-format on

/// Pointers to the functions, each under DuckDB's own name: `library().duckdb_close(&db)`.
struct Library {
#define DUCK_MEMBER(name) decltype(&::name) name = nullptr;
  DUCK_FUNCTIONS(DUCK_MEMBER)
#undef DUCK_MEMBER
};

/// The opened library; opens it when this is the first call. It is looked for in
/// BEER_DUCKDB_LIBRARY (environment), beside the executable, and in ../lib of it. Throws Error, with
/// the places that were tried, when there is none.
/// Thread-safe.
const Library& library();

}  // namespace duck
